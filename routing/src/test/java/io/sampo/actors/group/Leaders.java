package io.sampo.actors.group;

import io.sampo.actors.group.LogGroup.LeaderAnnouncement;

/** Lets tests of other modules say who leads, in place of the {@link Knocker}. */
public final class Leaders {
  private Leaders() {}

  public static void announce(LeaderDirectory directory, LeaderAnnouncement leader) {
    directory.announced(leader);
  }

  public static void end(LeaderDirectory directory, LeaderAnnouncement leader) {
    directory.ended(leader);
  }
}
