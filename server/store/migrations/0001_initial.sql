-- API keys, the request log and the settings that are live without a restart.
CREATE TABLE api_keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    key_hash text NOT NULL UNIQUE,
    key_prefix text NOT NULL,
    rate_limit_per_hour integer CHECK (rate_limit_per_hour > 0),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    rotated_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);
COMMENT ON COLUMN api_keys.rate_limit_per_hour IS 'NULL follows the default limit of runtime_settings';

-- An ordinary table that takes this month's rows; at the turn of the month it becomes a child of its successor
-- (docs/decisions/0100), so that CREATE INDEX CONCURRENTLY works on it.
CREATE TABLE request_logs (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    request_id text NOT NULL,
    api_key_id uuid,
    method text NOT NULL,
    path text NOT NULL,
    status integer NOT NULL,
    error_type text,
    prompt text,
    intent text,
    subject text,
    output_format text,
    original_language text,
    provider text,
    model text,
    tokens_used integer NOT NULL DEFAULT 0,
    cache text,
    latency_ms double precision NOT NULL
);
CREATE INDEX request_logs_created_at ON request_logs (created_at);

CREATE TABLE usage_daily (
    api_key_id uuid NOT NULL,
    day date NOT NULL,
    requests bigint NOT NULL DEFAULT 0,
    errors bigint NOT NULL DEFAULT 0,
    cache_hits bigint NOT NULL DEFAULT 0,
    tokens bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (api_key_id, day)
);

CREATE TABLE runtime_settings (
    name text NOT NULL,
    temporary boolean NOT NULL DEFAULT false,
    value jsonb NOT NULL,
    until_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by text NOT NULL DEFAULT 'admin',
    PRIMARY KEY (name, temporary),
    CHECK (temporary = (until_at IS NOT NULL))
);
