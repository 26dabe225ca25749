package io.sampo.cluster.placement;

import com.typesafe.config.Config;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.DowningProvider;
import org.apache.pekko.cluster.sbr.SplitBrainResolver;
import scala.Option;
import scala.concurrent.duration.Duration;
import scala.concurrent.duration.FiniteDuration;

/**
 * Has Pekko's split-brain resolver decide by {@link ConnectedMajority}. Pekko makes it by the name
 * in its configuration, and asks it once.
 */
public final class ConnectedMajorityProvider extends DowningProvider {
  /** Where the parts of the cluster run that mustn't wait for anybody. */
  private static final String INTERNAL_DISPATCHER = "pekko.actor.internal-dispatcher";

  private final ActorSystem system;

  /** Called by Pekko. */
  public ConnectedMajorityProvider(ActorSystem system) {
    this.system = system;
  }

  @Override
  public FiniteDuration downRemovalMargin() {
    return Cluster.get(system).settings().DownRemovalMargin();
  }

  @Override
  public Option<Props> downingActorProps() {
    Cluster cluster = Cluster.get(system);
    Config config = system.settings().config().getConfig("pekko.cluster.split-brain-resolver");
    ConnectedMajority strategy =
        new ConnectedMajority(
            cluster.selfDataCenter(),
            config.getString("keep-majority.role"),
            cluster.selfUniqueAddress());
    FiniteDuration stableAfter = Duration.fromNanos(config.getDuration("stable-after").toNanos());
    return Option.apply(
        SplitBrainResolver.props(stableAfter, strategy).withDispatcher(INTERNAL_DISPATCHER));
  }
}
