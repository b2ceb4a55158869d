-- Rows arrive in the order of their time: a block range index finds a month as well, and costs an insert almost nothing.
DROP INDEX IF EXISTS request_logs_created_at;
CREATE INDEX IF NOT EXISTS request_logs_created_at_brin ON request_logs USING brin (created_at);
