@NullMarked
package dev.fairway.proxy;

import org.jspecify.annotations.NullMarked;
