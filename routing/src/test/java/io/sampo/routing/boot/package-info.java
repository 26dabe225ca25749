@NullMarked
package io.sampo.routing.boot;

import org.jspecify.annotations.NullMarked;
