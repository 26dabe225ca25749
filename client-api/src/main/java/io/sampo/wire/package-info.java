/** The RocketMQ wire protocol: frames, commands, codes and one record per header. */
@NullMarked
package io.sampo.wire;

import org.jspecify.annotations.NullMarked;
