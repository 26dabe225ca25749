/** Topics and subscription groups. */
@NullMarked
package io.sampo.actors.catalog;

import org.jspecify.annotations.NullMarked;
