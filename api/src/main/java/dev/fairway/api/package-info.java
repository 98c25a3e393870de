@NullMarked
package dev.fairway.api;

import org.jspecify.annotations.NullMarked;
