-- What the token of a job may do where its workflow says nothing: of the organisation (no project), and of projects that decide otherwise.
CREATE TABLE token_default (
    project_id uuid UNIQUE NULLS NOT DISTINCT REFERENCES project,
    level      text        NOT NULL CHECK (level IN ('read', 'write')),
    set_at     timestamptz NOT NULL,
    set_by     text        NOT NULL
);
