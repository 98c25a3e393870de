@NullMarked
package dev.fairway.server.delivery.target;

import org.jspecify.annotations.NullMarked;
