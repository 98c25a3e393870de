-- Bytes in the folder of blobs. The row is the lock under which the file comes and goes.
CREATE TABLE blob (
    digest     text PRIMARY KEY,
    size       bigint      NOT NULL,
    created_at timestamptz NOT NULL
);

-- A name that a job gave to bytes. A name occurs once per job; of several attempts of the job, the
-- newest artifact of a name counts, and the older ones stay.
CREATE TABLE artifact (
    id         uuid PRIMARY KEY,
    project_id uuid        NOT NULL REFERENCES project,
    run_id     uuid        NOT NULL,
    job_id     uuid        NOT NULL,
    name       text        NOT NULL,
    digest     text        NOT NULL REFERENCES blob,
    size       bigint      NOT NULL,
    entries    integer     NOT NULL,
    created_at timestamptz NOT NULL,
    -- Null where it is kept for ever, because a release needs it.
    expires_at timestamptz,
    UNIQUE (job_id, name)
);

CREATE INDEX artifact_of_run ON artifact (run_id, name, id DESC);
CREATE INDEX artifact_of_blob ON artifact (digest);
CREATE INDEX artifact_expiry ON artifact (expires_at);
