/**
 * Sampo's own client: {@link io.sampo.client.Producer} and {@link io.sampo.client.Consumer}, which
 * share connections through a {@link io.sampo.client.SampoClient}.
 */
@NullMarked
package io.sampo.client;

import org.jspecify.annotations.NullMarked;
