# The four processes in one image: docker-compose.yml and deploy/kubernetes say which one a container runs.
# No engine was at hand when this was written: hadolint accepts it, and the wheel that it installs is tested by itself.

FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY . .
# The versions of requirements.lock, and only what a service needs of them.
RUN python -m venv /opt/service \
    && pip wheel --no-cache-dir --no-deps --wheel-dir /dist . \
    && sed -e '/--hash=/d' -e 's/ \\$//' requirements.lock > /tmp/versions.txt \
    && /opt/service/bin/pip install --no-cache-dir --constraint /tmp/versions.txt /dist/*.whl

FROM python:3.12-slim-bookworm
# The folders of the volumes are made here: a new volume takes over their owner.
RUN useradd --system --uid 10001 --home-dir /var/lib/structured-prompt --shell /usr/sbin/nologin service \
    && install --directory --owner service --group service \
       /var/lib/structured-prompt /var/lib/structured-prompt/api \
       /var/lib/structured-prompt/state /var/lib/structured-prompt/state/public
COPY --from=build /opt/service /opt/service
ENV PATH=/opt/service/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /var/lib/structured-prompt
EXPOSE 8000 8001 8080 9090
CMD ["python", "-m", "server"]
