/** Consumer groups: members, subscriptions, offsets. */
@NullMarked
package io.sampo.actors.consumer;

import org.jspecify.annotations.NullMarked;
