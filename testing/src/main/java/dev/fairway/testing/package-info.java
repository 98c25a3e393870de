@NullMarked
package dev.fairway.testing;

import org.jspecify.annotations.NullMarked;
