@NullMarked
package dev.fairway.server;

import org.jspecify.annotations.NullMarked;
