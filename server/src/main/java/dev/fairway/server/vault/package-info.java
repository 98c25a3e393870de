/// What jobs are given beside their source: secrets and variables.
///
/// ```
/// organisation ──► project ──► environment ──► project's in that environment      the narrower wins
/// ```
///
/// A secret's value comes in once and goes out only to a job under a lease: no page, no answer, no
/// log and no entry of the ledger ever has it. In the database it stands encrypted, by a key that
/// is not in the database.
@NullMarked
package dev.fairway.server.vault;

import org.jspecify.annotations.NullMarked;
