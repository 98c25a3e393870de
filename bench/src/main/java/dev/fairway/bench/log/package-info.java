/// Measures the logs of jobs.
@NullMarked
package dev.fairway.bench.log;

import org.jspecify.annotations.NullMarked;
