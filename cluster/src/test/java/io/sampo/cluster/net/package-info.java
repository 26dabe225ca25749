@NullMarked
package io.sampo.cluster.net;

import org.jspecify.annotations.NullMarked;
