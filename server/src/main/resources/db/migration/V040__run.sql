-- Per project: the last run number (gap-free, taken in the transaction that makes the run) and the
-- last turn in the queue (see Queue).
CREATE TABLE run_counter (
    project_id  uuid PRIMARY KEY,
    last_number bigint NOT NULL DEFAULT 0,
    last_turn   bigint NOT NULL DEFAULT 0
);

-- One execution of a workflow. Its row is the lock under which its jobs are decided.
CREATE TABLE run (
    id            uuid PRIMARY KEY,
    project_id    uuid        NOT NULL,
    project       text        NOT NULL,
    number        bigint      NOT NULL,
    attempt       int         NOT NULL,
    workflow_path text        NOT NULL,
    workflow_name text        NOT NULL,
    workflow_text text        NOT NULL,
    title         text        NOT NULL,
    event         text        NOT NULL,
    ref           text        NOT NULL,
    commit_sha    text        NOT NULL,
    actor         text        NOT NULL,
    -- json, not jsonb: nothing looks inside, and jsonb refuses texts with a NUL, which workflows may
    -- have.
    contexts      json        NOT NULL,
    phase         text        NOT NULL CHECK (phase IN ('queued', 'running', 'ended')),
    outcome       text,
    cancelled_by  text,
    created_at    timestamptz NOT NULL,
    started_at    timestamptz,
    ended_at      timestamptz,
    UNIQUE (project_id, number),
    CHECK ((phase = 'ended') = (outcome IS NOT NULL))
);

CREATE INDEX run_latest ON run (created_at DESC);
CREATE INDEX run_name ON run (project, number);
CREATE INDEX run_latest_of_project ON run (project, created_at DESC);
CREATE INDEX run_commit ON run (project_id, commit_sha);
CREATE INDEX run_open ON run (id) WHERE phase <> 'ended';

-- One attempt of one instance of a job. The attempt that counts is `current`; earlier ones stay.
CREATE TABLE job (
    id                uuid PRIMARY KEY,
    run_id            uuid        NOT NULL REFERENCES run,
    project_id        uuid        NOT NULL,
    job_key           text        NOT NULL,
    matrix_index      int         NOT NULL,
    attempt           int         NOT NULL,
    current           boolean     NOT NULL,
    position          int         NOT NULL,
    name              text        NOT NULL,
    needs             text[]      NOT NULL,
    phase             text        NOT NULL
        CHECK (phase IN ('waiting', 'queued', 'claimed', 'running', 'ended')),
    outcome           text,
    reason            text        NOT NULL DEFAULT '',
    labels            text[]      NOT NULL DEFAULT '{}',
    contexts          json        NOT NULL DEFAULT '{}',
    outputs           json        NOT NULL DEFAULT '{}',
    network           boolean     NOT NULL DEFAULT true,
    retry_safe        boolean     NOT NULL DEFAULT false,
    continue_on_error boolean     NOT NULL DEFAULT false,
    timeout_seconds   bigint      NOT NULL DEFAULT 0,
    turn              bigint,
    agent_id          uuid,
    agent             text        NOT NULL DEFAULT '',
    sandbox           text        NOT NULL DEFAULT '',
    fence             bigint      NOT NULL DEFAULT 0,
    lease_until       timestamptz,
    heartbeat_at      timestamptz,
    token_hash        bytea,
    lost_before       boolean     NOT NULL DEFAULT false,
    cancel_reason     text,
    cancel_asked_at   timestamptz,
    next_event        bigint      NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL,
    queued_at         timestamptz,
    claimed_at        timestamptz,
    started_at        timestamptz,
    ended_at          timestamptz,
    UNIQUE (run_id, job_key, matrix_index, attempt),
    CHECK ((phase = 'ended') = (outcome IS NOT NULL))
);

CREATE UNIQUE INDEX job_current ON job (run_id, job_key, matrix_index) WHERE current;
CREATE INDEX job_queue ON job (turn, id) WHERE phase = 'queued';
CREATE INDEX job_turn ON job (turn) WHERE turn IS NOT NULL;
CREATE INDEX job_lease ON job (lease_until) WHERE phase IN ('claimed', 'running');
CREATE UNIQUE INDEX job_token ON job (token_hash) WHERE token_hash IS NOT NULL;

CREATE TABLE step (
    job_id     uuid        NOT NULL REFERENCES job,
    index      int         NOT NULL,
    name       text        NOT NULL,
    log_offset bigint      NOT NULL,
    log_line   bigint      NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    outcome    text,
    conclusion text,
    summary    text        NOT NULL DEFAULT '',
    PRIMARY KEY (job_id, index)
);

-- What the author of a change should look at. Without a job: a finding about the workflow file.
CREATE TABLE annotation (
    run_id  uuid NOT NULL REFERENCES run,
    job_id  uuid REFERENCES job,
    number  bigint NOT NULL,
    step    int  NOT NULL,
    level   text NOT NULL CHECK (level IN ('error', 'warning', 'notice')),
    message text NOT NULL,
    file    text,
    line    int  NOT NULL,
    col     int  NOT NULL
);

CREATE UNIQUE INDEX annotation_once ON annotation (run_id, job_id, number) NULLS NOT DISTINCT;

-- When the loop that ends leases last ran, so that our own absence costs no job its lease.
CREATE TABLE lease_timer (
    single    boolean PRIMARY KEY DEFAULT true CHECK (single),
    ticked_at timestamptz NOT NULL
);

-- Which agents ask for work, to say what a queued job waits for.
CREATE TABLE agent_presence (
    agent_id uuid PRIMARY KEY,
    name     text        NOT NULL,
    labels   text[]      NOT NULL,
    sandbox  text        NOT NULL,
    seen_at  timestamptz NOT NULL
);

-- A job's log: one stream of bytes, cut into compressed segments. See the package run.log.
CREATE TABLE job_log (
    job_id     uuid PRIMARY KEY REFERENCES job,
    size       bigint NOT NULL,
    newlines   bigint NOT NULL,
    -- Where the small segments begin that are not yet merged into one of full size.
    loose_from bigint NOT NULL
);

CREATE TABLE log_segment (
    job_id        uuid   NOT NULL REFERENCES job,
    start_offset  bigint NOT NULL,
    length        int    NOT NULL,
    -- Newlines in the log up to the end of this segment.
    lines_through bigint NOT NULL,
    data          bytea  NOT NULL,
    PRIMARY KEY (job_id, start_offset)
);

ALTER TABLE log_segment ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE INDEX log_segment_line ON log_segment (job_id, lines_through, start_offset);

-- Test results that a job uploaded: one row per report file, and the cases that are not plain passes.
CREATE TABLE test_report (
    id          uuid PRIMARY KEY,
    run_id      uuid        NOT NULL REFERENCES run,
    job_id      uuid        NOT NULL REFERENCES job,
    artifact    text        NOT NULL,
    file        text        NOT NULL,
    passed      int         NOT NULL,
    failed      int         NOT NULL,
    skipped     int         NOT NULL,
    duration_ms bigint      NOT NULL,
    UNIQUE (job_id, artifact, file)
);

CREATE INDEX test_report_run ON test_report (run_id);

CREATE TABLE test_result (
    report_id   uuid   NOT NULL REFERENCES test_report ON DELETE CASCADE,
    position    int    NOT NULL,
    suite       text   NOT NULL,
    name        text   NOT NULL,
    verdict     text   NOT NULL CHECK (verdict IN ('failed', 'skipped')),
    message     text   NOT NULL,
    detail      text   NOT NULL,
    duration_ms bigint NOT NULL,
    PRIMARY KEY (report_id, position)
);
