-- What servers and agents say of themselves when they start; empty from those that do not.
ALTER TABLE replica ADD COLUMN version text NOT NULL DEFAULT '';

ALTER TABLE agent_presence
    ADD COLUMN version    text NOT NULL DEFAULT '',
    ADD COLUMN slots      int  NOT NULL DEFAULT 0,
    ADD COLUMN containers text NOT NULL DEFAULT '';
