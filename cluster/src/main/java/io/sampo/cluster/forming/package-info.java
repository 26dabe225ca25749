/**
 * How nodes become a cluster: how they find each other, when one of them may begin a cluster, and
 * how the first nodes agree on its plan.
 */
@NullMarked
package io.sampo.cluster.forming;

import org.jspecify.annotations.NullMarked;
