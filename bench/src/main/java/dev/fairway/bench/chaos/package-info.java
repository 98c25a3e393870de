/// Real processes in network namespaces, killed and cut off from each other at random, and what
/// must hold afterwards.
@NullMarked
package dev.fairway.bench.chaos;

import org.jspecify.annotations.NullMarked;
