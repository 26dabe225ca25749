/** The program: settings, start and stop. */
@NullMarked
package io.sampo.routing.boot;

import org.jspecify.annotations.NullMarked;
