CREATE TABLE project (
    id             uuid PRIMARY KEY,
    name           text        NOT NULL UNIQUE,
    description    text        NOT NULL,
    default_branch text        NOT NULL,
    created_at     timestamptz NOT NULL,
    created_by     text        NOT NULL
);

-- One `git push`. The row is committed, open, before git may move a ref, so that a push whose
-- server died in between is known by name when it is found.
CREATE TABLE push (
    id          uuid PRIMARY KEY,
    project_id  uuid        NOT NULL REFERENCES project,
    pusher      text        NOT NULL,
    pusher_id   uuid,
    received_at timestamptz NOT NULL,
    state       text        NOT NULL CHECK (state IN ('open', 'recorded', 'refused')),
    commands    jsonb       NOT NULL
);

CREATE INDEX push_open ON push (project_id, id) WHERE state = 'open';

-- Where each branch and tag stood after the last ref_update. What the repository says beyond that
-- has not been recorded yet.
CREATE TABLE git_ref (
    project_id uuid NOT NULL REFERENCES project,
    name       text NOT NULL,
    sha        text NOT NULL,
    PRIMARY KEY (project_id, name)
);

-- A branch or tag that moved; before is null where it was made, after where it was deleted.
CREATE TABLE ref_update (
    id           uuid PRIMARY KEY,
    project_id   uuid        NOT NULL REFERENCES project,
    push_id      uuid REFERENCES push,
    ref          text        NOT NULL,
    before       text,
    after        text,
    commit_sha   text,
    forced       boolean     NOT NULL,
    recovered    boolean     NOT NULL,
    commit_count integer     NOT NULL,
    pusher       text        NOT NULL,
    pusher_id    uuid,
    pushed_at    timestamptz NOT NULL,
    UNIQUE (push_id, ref)
);

CREATE INDEX ref_update_by_project ON ref_update (project_id, id DESC);
CREATE INDEX ref_update_by_commit ON ref_update (project_id, commit_sha);

CREATE TABLE commit_record (
    project_id      uuid        NOT NULL REFERENCES project,
    sha             text        NOT NULL,
    parents         text[]      NOT NULL,
    author_name     text        NOT NULL,
    author_email    text        NOT NULL,
    authored_at     timestamptz NOT NULL,
    committer_name  text        NOT NULL,
    committer_email text        NOT NULL,
    committed_at    timestamptz NOT NULL,
    message         text        NOT NULL,
    first_pushed_at timestamptz NOT NULL,
    first_push_id   uuid REFERENCES push,
    PRIMARY KEY (project_id, sha)
);
