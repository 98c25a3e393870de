/// Artifacts: named bytes that a job uploaded, stored once by their digest.
///
/// ```
/// body ──► incoming file (hashed, bounded) ──► ZipCheck ──► [ lease, row of the blob, the file takes
///                                                            its place, artifact, provenance ]
///                                                            one transaction
/// ```
///
/// The row of a blob is locked while its file is put into place or deleted, so an upload and the
/// retention of the same bytes never miss each other.
@NullMarked
package dev.fairway.server.artifact;

import org.jspecify.annotations.NullMarked;
