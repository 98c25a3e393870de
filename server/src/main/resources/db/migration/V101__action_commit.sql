-- A commit that a workflow names by its id is kept too, once it was found on a branch or tag of its repository: one that is only in a
-- fork would be given out under the name of the parent.
ALTER TABLE action_lock DROP CONSTRAINT action_lock_kind_check;
ALTER TABLE action_lock ADD CONSTRAINT action_lock_kind_check CHECK (kind IN ('tag', 'branch', 'commit'));
