package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.protocol.ReplicaId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.persistence.testkit.javadsl.EventSourcedBehaviorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The charter: decided once, kept over restarts, told to the node's other parts. */
final class CharterTest {
  private static final ClusterPlan FOUNDING =
      ClusterPlan.founding("cluster", List.of(new ReplicaId("n0", 7)), 3, 1);
  private static final LogGroupPlan OPENED =
      new LogGroupPlan(
          "broker-1", List.of(new ReplicaId("n1", 8), new ReplicaId("n0", 7)), List.of());

  private static final CommonSettings SETTINGS = new CommonSettings(3, 600_000, true, "quorum");

  private final List<Charter> published = new CopyOnWriteArrayList<>();
  private final ActorTestKit kit =
      ActorTestKit.create(EventSourcedBehaviorTestKit.config().withFallback(ConfigFactory.load()));
  private final EventSourcedBehaviorTestKit<CharterKeeper.Command, CharterEvent, Charter> keeper =
      EventSourcedBehaviorTestKit.create(
          kit.system(), CharterKeeper.create("broker-0", FOUNDING, published::add));

  @TempDir Path directory;

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private Charter open(LogGroupPlan logGroup) {
    return keeper
        .<Charter>runCommand(replyTo -> new CharterKeeper.OpenLogGroup(logGroup, replyTo))
        .reply();
  }

  private Charter remove(String node, boolean isRemoved) {
    return keeper
        .<Charter>runCommand(replyTo -> new CharterKeeper.RemoveNode(node, isRemoved, replyTo))
        .reply();
  }

  @Test
  void theFirstWhoOpensALogGroupOfANameDecides() {
    LogGroupPlan other = new LogGroupPlan("broker-1", List.of(new ReplicaId("n2", 9)), List.of());

    assertThat(open(OPENED)).isEqualTo(new Charter(1, List.of(OPENED), Set.of(), null));
    assertThat(open(OPENED).revision()).isEqualTo(1);
    assertThat(open(other).opened()).containsExactly(OPENED);
  }

  @Test
  void whatWasDecidedIsThereAfterARestartAndIsPublishedAgain() {
    open(OPENED);
    Charter removed = remove("n1", true);
    assertThat(removed.removed()).containsExactly("n1");
    published.clear();

    keeper.restart();

    assertThat(keeper.getState()).isEqualTo(removed);
    assertThat(published).contains(removed);
    assertThat(remove("n1", false)).isEqualTo(new Charter(3, List.of(OPENED), Set.of(), null));
    assertThat(remove("n1", false).revision()).isEqualTo(3);
  }

  @Test
  void aNodeReadsItsFileAsItWroteIt() throws IOException {
    assertThat(CharterFile.open(directory).charter()).isEqualTo(Charter.EMPTY);
    Charter charter = new Charter(2, List.of(OPENED), Set.of("n1", "n5"), SETTINGS);

    CharterFile.open(directory).write(charter);

    assertThat(CharterFile.open(directory).charter()).isEqualTo(charter);
  }

  @Test
  void theClusterGoesByOtherSettingsOnceAllNodesSaySo() {
    CommonSettings five = new CommonSettings(5, 600_000, true, "quorum");
    SortedMap<String, CommonSettings> said = new TreeMap<>();
    said.put("n0", SETTINGS);
    said.put("n1", five);

    assertThat(CommonSettings.next(null, said)).isEqualTo(SETTINGS);
    assertThat(CommonSettings.next(SETTINGS, said)).as("not all say so").isNull();
    assertThat(five.differences(SETTINGS))
        .containsExactly(
            "sampo.cluster.replicas is 5 here, but the cluster goes by 3 until all of its nodes"
                + " say otherwise");
    said.put("n0", five);
    assertThat(CommonSettings.next(SETTINGS, said)).isEqualTo(five);
    assertThat(CommonSettings.next(five, said)).as("nothing to change").isNull();

    assertThat(agree(SETTINGS).settings()).isEqualTo(SETTINGS);
    assertThat(agree(SETTINGS).revision()).isEqualTo(1);
    assertThat(agree(five).revision()).isEqualTo(2);
  }

  private Charter agree(CommonSettings settings) {
    return keeper
        .<Charter>runCommand(replyTo -> new CharterKeeper.AgreeOn(settings, replyTo))
        .reply();
  }

  @Test
  void theBookTellsOfLogGroupsAsTheyCome() {
    CharterBook book = new CharterBook(FOUNDING, Charter.EMPTY);
    List<List<String>> told = new ArrayList<>();
    book.addListener(plan -> told.add(plan.logGroupNames()));

    book.take(new Charter(1, List.of(OPENED), Set.of(), null));

    assertThat(told).containsExactly(List.of("broker-0", "broker-1"));
    assertThat(book.logGroupNames()).containsExactly("broker-0", "broker-1");
    assertThat(book.founding().logGroupNames()).containsExactly("broker-0");
  }
}
