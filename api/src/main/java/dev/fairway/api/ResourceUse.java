package dev.fairway.api;

import org.jspecify.annotations.Nullable;

/// What all processes of a job used together, as far as its agent's machine counts that.
///
/// @param memoryPeakBytes the most that they held at one time, with what the kernel kept of files
///   for them; null where nobody counted
/// @param cpuMillis how long they had a processor, summed over all of them; null as above
public record ResourceUse(@Nullable Long memoryPeakBytes, @Nullable Long cpuMillis) {
  /// Where nothing is counted.
  public static final ResourceUse UNKNOWN = new ResourceUse(null, null);
}
