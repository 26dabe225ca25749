/** What the build checks about the shape of the whole program. */
@NullMarked
package io.sampo.walls;

import org.jspecify.annotations.NullMarked;
