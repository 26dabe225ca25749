/**
 * Messages that are delivered later: how they are stored until then, the index of their due times,
 * and the actors that deliver, cancel and list them.
 */
@NullMarked
package io.sampo.actors.schedule;

import org.jspecify.annotations.NullMarked;
