/** Tests of reading broker.conf files. */
@NullMarked
package io.sampo.routing.brokerconf;

import org.jspecify.annotations.NullMarked;
