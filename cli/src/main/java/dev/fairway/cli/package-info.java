@NullMarked
package dev.fairway.cli;

import org.jspecify.annotations.NullMarked;
