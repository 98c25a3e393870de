@NullMarked
package dev.fairway.agent;

import org.jspecify.annotations.NullMarked;
