@NullMarked
package dev.fairway.server.delivery;

import org.jspecify.annotations.NullMarked;
