/** From a request of the wire to an actor and back. */
@NullMarked
package io.sampo.routing.request;

import org.jspecify.annotations.NullMarked;
