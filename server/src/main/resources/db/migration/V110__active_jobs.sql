-- Each heartbeat moves lease_until. With no index on it, that rewrites the row alone; the jobs that
-- agents have now are few enough to be looked through for those whose lease has ended.
CREATE INDEX job_active ON job (run_id) WHERE phase IN ('claimed', 'running');
DROP INDEX job_lease;
