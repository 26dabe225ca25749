@NullMarked
package io.sampo.cluster.forming;

import org.jspecify.annotations.NullMarked;
