/** The ext fields of each command as one record, named as on the wire. */
@NullMarked
package io.sampo.wire.header;

import org.jspecify.annotations.NullMarked;
