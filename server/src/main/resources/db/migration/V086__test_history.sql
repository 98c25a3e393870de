-- Every test that ever ran, once. An execution names it by eight bytes.
CREATE TABLE test_identity (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id  uuid NOT NULL,
    -- Made of suite and name, see TestHistory: what addresses and agents' reports lead to.
    fingerprint uuid NOT NULL,
    suite       text NOT NULL,
    name        text NOT NULL,
    UNIQUE (project_id, fingerprint)
);

-- What one artifact of one attempt of a job said, so that its executions need not repeat it.
CREATE TABLE test_batch (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id uuid        NOT NULL,
    run_id     uuid        NOT NULL REFERENCES run,
    job_id     uuid        NOT NULL REFERENCES job,
    -- With the values of its matrix: a test that fails under one of them only is not flaky.
    job_name   text        NOT NULL,
    artifact   text        NOT NULL,
    commit_sha text        NOT NULL,
    at         timestamptz NOT NULL,
    UNIQUE (job_id, artifact)
);

CREATE INDEX test_batch_run ON test_batch (run_id);
CREATE INDEX test_batch_latest ON test_batch (project_id, at);
CREATE INDEX test_batch_commit ON test_batch (project_id, commit_sha);

-- That a test was executed: a narrow row, because a large suite writes twenty thousand in one go.
-- Without foreign keys for the same reason; a batch goes with its executions, an identity never.
CREATE TABLE test_execution (
    test_id     bigint   NOT NULL,
    batch_id    bigint   NOT NULL,
    -- 0 passed, 1 failed, 2 skipped
    verdict     smallint NOT NULL,
    duration_ms int      NOT NULL,
    PRIMARY KEY (test_id, batch_id)
);

-- The rows of a batch lie together, so an index of their ranges is enough and costs nothing.
CREATE INDEX test_execution_batch ON test_execution USING brin (batch_id) WITH (pages_per_range = 16);
CREATE INDEX test_execution_failed ON test_execution (batch_id) WHERE verdict = 1;

-- That failures of a test are tolerated for a while. One that has ended stays for the record.
CREATE TABLE test_quarantine (
    id         uuid PRIMARY KEY,
    project_id uuid        NOT NULL,
    test_id    bigint      NOT NULL REFERENCES test_identity,
    reason     text        NOT NULL,
    begun_by   text        NOT NULL,
    begun_at   timestamptz NOT NULL,
    until      timestamptz NOT NULL,
    ended_by   text,
    ended_at   timestamptz
);

CREATE UNIQUE INDEX test_quarantine_open ON test_quarantine (test_id) WHERE ended_at IS NULL;
CREATE INDEX test_quarantine_due ON test_quarantine (until) WHERE ended_at IS NULL;
CREATE INDEX test_quarantine_project ON test_quarantine (project_id, begun_at);

-- What of the failures was tolerated when it arrived.
ALTER TABLE test_report ADD COLUMN tolerated int NOT NULL DEFAULT 0;
ALTER TABLE test_result ADD COLUMN tolerated boolean NOT NULL DEFAULT false;
