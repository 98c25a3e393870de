-- Which commit a tag or branch of an action's repository stood at when a job first used it. Jobs use
-- that commit, whatever becomes of the tag or branch; a tag that moved is an error until a person
-- has removed its lock.
CREATE TABLE action_lock (
    -- In small letters, such as actions/foo.
    repository text        NOT NULL,
    ref        text        NOT NULL,
    kind       text        NOT NULL CHECK (kind IN ('tag', 'branch')),
    sha        text        NOT NULL,
    location   text        NOT NULL,
    locked_at  timestamptz NOT NULL,
    locked_by  text        NOT NULL,
    -- When it was last looked at where it comes from, or begun to be.
    checked_at timestamptz NOT NULL,
    moved_to   text,
    moved_at   timestamptz,
    PRIMARY KEY (repository, ref)
);

-- What a job resolved; it may fetch exactly this, and its evidence names it.
CREATE TABLE job_action (
    job_id     uuid NOT NULL REFERENCES job,
    reference  text NOT NULL,
    repository text NOT NULL,
    sha        text NOT NULL,
    PRIMARY KEY (job_id, reference)
);

-- Where actions come from and whose may be used; without the row, as the code says.
CREATE TABLE action_settings (
    single     boolean PRIMARY KEY DEFAULT true CHECK (single),
    settings   jsonb       NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL
);
