@NullMarked
package dev.fairway.bench.chaos;

import org.jspecify.annotations.NullMarked;
