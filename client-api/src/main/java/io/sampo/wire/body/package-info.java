/** The JSON bodies of commands. Not on the path of a message. */
@NullMarked
package io.sampo.wire.body;

import org.jspecify.annotations.NullMarked;
