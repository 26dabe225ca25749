/** Which messages of a topic a consumer wants. */
@NullMarked
package io.sampo.actors.filter;

import org.jspecify.annotations.NullMarked;
