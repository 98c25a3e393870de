/// The delivery metrics: DORA's five, computed from what the ledger holds.
///
/// The computation is pure: the same records in, the same figures out, to the millisecond; rounding
/// happens on the screen. Definitions: DORA's metrics guide of 2026-01-05.
@NullMarked
package dev.fairway.server.insight;

import org.jspecify.annotations.NullMarked;
