/// Actions and workflows that stand in other repositories: whose may be used, where they come from,
/// and which commit a name means.
///
/// ```
/// owner/name@ref ──allowed?──► full SHA ────────────────────────────────► that commit
///                              tag, branch ──lock──► known, not moved ──► the locked commit
///                                            │       tag that moved ────► an error, for a person
///                                            └─new──► looked up once, and locked
/// ```
///
/// What a tag or branch leads to is looked up once. Afterwards the network is not on a job's path:
/// the lock answers, and a look beside it, every few minutes at most, tells when a tag has moved.
@NullMarked
package dev.fairway.server.actions;

import org.jspecify.annotations.NullMarked;
