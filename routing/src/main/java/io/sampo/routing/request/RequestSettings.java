package io.sampo.routing.request;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.sampo.actors.schedule.ScheduleSettings;
import io.sampo.routing.net.NetSettings;

/** Everything that serving clients can be told, each part beside what it is for. */
public record RequestSettings(
    NetSettings net,
    SendSettings send,
    PullSettings pull,
    OffsetSettings offset,
    LeaderCacheSettings leaderCache,
    RelaySettings relay,
    ScheduleSettings schedule,
    ShownSettings shown) {
  /**
   * A frame's head is as long as this at most: properties, names and what JSON adds to them. A
   * request with more is refused before anything of it is kept.
   */
  static final int HEAD_BYTES_MAX = 256 * 1024;

  public RequestSettings {
    if (send.bodyBytesMax() + (long) HEAD_BYTES_MAX > net.limits().frameBytes()) {
      throw new ConfigException.BadValue(
          "sampo.message.max-size",
          "must leave 256 KiB of sampo.net.frame-max ("
              + net.limits().frameBytes()
              + ") for the header, was "
              + send.bodyBytesMax());
    }
  }

  /**
   * Reads {@code sampo.net}, {@code sampo.message}, {@code sampo.topic}, {@code sampo.pull}, {@code
   * sampo.offset}, {@code sampo.leader-cache}, {@code sampo.relay} and {@code sampo.schedule} from
   * a whole configuration.
   *
   * @throws com.typesafe.config.ConfigException that names the setting that is missing or wrong
   */
  public static RequestSettings from(Config config) {
    return new RequestSettings(
        NetSettings.from(config),
        SendSettings.from(config),
        PullSettings.from(config),
        OffsetSettings.from(config),
        LeaderCacheSettings.from(config),
        RelaySettings.from(config),
        ScheduleSettings.from(config),
        ShownSettings.from(config));
  }
}
