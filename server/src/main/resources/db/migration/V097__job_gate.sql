-- A job of a workflow on its way to an environment, and what people said to it. One row per attempt.
CREATE TABLE job_gate (
    job_id       uuid PRIMARY KEY,
    run_id       uuid        NOT NULL REFERENCES run,
    run_number   bigint      NOT NULL,
    project_id   uuid        NOT NULL,
    project      text        NOT NULL,
    name         text        NOT NULL,
    commit_sha   text        NOT NULL,
    -- Who caused the run.
    actor        text        NOT NULL,
    environment  text        NOT NULL REFERENCES environment (name),
    state        text        NOT NULL CHECK (state IN ('waiting', 'open', 'rejected')),
    reason       text        NOT NULL DEFAULT '',
    requested_at timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL
);

CREATE INDEX job_gate_waiting ON job_gate (environment, requested_at) WHERE state = 'waiting';
CREATE INDEX job_gate_passed ON job_gate (project_id, environment, changed_at DESC) WHERE state = 'open';

CREATE TABLE job_gate_approval (
    job_id       uuid        NOT NULL REFERENCES job_gate,
    user_id      uuid        NOT NULL,
    username     text        NOT NULL,
    printed_name text        NOT NULL,
    role         text        NOT NULL,
    approved     boolean     NOT NULL,
    meaning      text        NOT NULL,
    reason       text        NOT NULL,
    digest       text        NOT NULL,
    decided_at   timestamptz NOT NULL,
    PRIMARY KEY (job_id, user_id)
);
