/// The logs of jobs.
///
/// A log is one stream of bytes. Agents append to it by offset, so that sending again is safe: what
/// we hold already is passed over, and a gap is refused with the size that we hold.
///
/// It lies in PostgreSQL, because an acknowledged byte must survive the death of this server, and
/// because every server of an installation must be able to read it. What arrives becomes a small
/// segment in the transaction that acknowledges it; when the small ones come to a full segment,
/// they are merged and compressed in that same transaction. So each byte is written twice, whatever
/// the size of the calls, and memory holds one segment.
///
/// Each segment knows its first byte and how many newlines lie before its end. A line is found by
/// one look into an index and one segment to unpack, in a log of any length.
@NullMarked
package dev.fairway.server.run.log;

import org.jspecify.annotations.NullMarked;
