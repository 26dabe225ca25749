/** Reads broker.conf files of RocketMQ as settings of Sampo. */
@NullMarked
package io.sampo.routing.brokerconf;

import org.jspecify.annotations.NullMarked;
