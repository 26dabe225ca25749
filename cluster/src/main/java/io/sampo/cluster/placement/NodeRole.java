package io.sampo.cluster.placement;

import org.apache.pekko.cluster.Member;
import org.jspecify.annotations.Nullable;

/**
 * A node's name as one of its roles in the cluster, so that every member's name is known at once.
 */
public final class NodeRole {
  /** Of nodes that may vote in log groups: all but those that only learn. */
  public static final String VOTER = "voter";

  private static final String PREFIX = "node-";

  private NodeRole() {}

  /** The role of a node of this name. */
  public static String of(String node) {
    return PREFIX + node;
  }

  /** The name of a member's node; null when it has no such role. */
  public static @Nullable String node(Member member) {
    for (String role : member.getRoles()) {
      if (role.startsWith(PREFIX)) {
        return role.substring(PREFIX.length());
      }
    }
    return null;
  }
}
