-- What the workflows of each project's default branch wait for, so that an event for which none waits costs nothing.
CREATE TABLE default_workflows (
    project_id uuid PRIMARY KEY REFERENCES project,
    commit_sha text   NOT NULL,
    events     text[] NOT NULL
);

-- When the clock starts a workflow of a default branch.
CREATE TABLE schedule (
    project_id    uuid        NOT NULL REFERENCES project,
    workflow_path text        NOT NULL,
    cron          text        NOT NULL,
    zone          text        NOT NULL,
    next_at       timestamptz NOT NULL,
    -- The times that passed while no server looked, of the last such absence.
    missed        bigint      NOT NULL DEFAULT 0,
    missed_from   timestamptz,
    missed_until  timestamptz,
    PRIMARY KEY (project_id, workflow_path, cron, zone)
);

CREATE INDEX schedule_due ON schedule (next_at);

-- Events that were raised and have not started what they start.
CREATE TABLE raised_event (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id uuid        NOT NULL REFERENCES project,
    event      text        NOT NULL,
    -- Its activity or type.
    word       text        NOT NULL,
    run_id     uuid REFERENCES run,
    payload    json        NOT NULL,
    actor      text        NOT NULL,
    raised_at  timestamptz NOT NULL
);

-- How many runs led to a run, each the event of the next.
ALTER TABLE run ADD COLUMN depth int NOT NULL DEFAULT 0;

-- The reader of releases and deployments begins with those to come.
INSERT INTO ledger_cursor (name, next)
SELECT 'run.delivery', COALESCE(max(index) + 1, 0) FROM ledger_entry
ON CONFLICT DO NOTHING;
