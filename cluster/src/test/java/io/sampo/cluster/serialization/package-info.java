@NullMarked
package io.sampo.cluster.serialization;

import org.jspecify.annotations.NullMarked;
