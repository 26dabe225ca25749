package io.sampo.routing.brokerconf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What replaces the many properties that tune parts which Sampo doesn't have, by the pattern of
 * their names; the first pattern that fits counts.
 */
final class Families {
  private static final String NAMES_FILE = "property-names.txt";
  private static final String NOTHING = "nothing here corresponds to it";
  private static final Map<Pattern, String> REPLACED_BY = families();

  private Families() {}

  /** What is said of a property that exists in RocketMQ and has no meaning of its own here. */
  static String replacement(String name) {
    for (Map.Entry<Pattern, String> family : REPLACED_BY.entrySet()) {
      if (family.getKey().matcher(name).matches()) {
        return family.getValue();
      }
    }
    return NOTHING;
  }

  private static Map<Pattern, String> families() {
    Map<String, String> families = new LinkedHashMap<>();
    families.put(
        ".*ThreadPoolNums|.*QueueCapacity|.*Threads|.*ThreadNum|.*SemaphoreValue",
        "no pool of threads per kind of request: see sampo.net.event-loops and requests-max");
    families.put(
        "waitTimeMillsIn.*|osPageCacheBusyTimeOutMills",
        "nothing waits in such a queue: see sampo.net.held-max and sampo.queue.in-flight-max");
    families.put(".*[Rr]ocks(DB|db|Db).*", "no RocksDB: everything lies in the log");
    families.put(
        "metric.*|.*Metrics?|.*Stats?Enable|.*Stats|.*Exporter.*",
        "metrics aren't built; sampo.management.port tells health and what waits");
    families.put("timer.*", "delayed messages have settings of their own: sampo.schedule");
    families.put(
        "pop.*|revive.*|.*Pop[A-Z].*|ackMessage.*|append(Ack|Ck)Async",
        "pops have settings of their own: sampo.pop");
    families.put("trans(action)?[A-Z].*", "transactions have settings: sampo.transaction");
    families.put(".*[lL]ite[A-Z].*|.*Lmq.*", "there are no light topics or light queues");
    families.put(".*[cC]old[A-Z].*", "cold reads aren't slowed down");
    families.put(
        "auth.*|stateful.*|acl.*|user(Cache).*|initAuthenticationUser|innerClient.*|migrateAuth.*",
        "permissions aren't built: let only friends reach sampo.node.host");
    families.put(
        ".*[cC]onsumeQueue.*|.*CQ.*|logicQueue.*|logicalDisk.*|.*LogicMin.*|dispatchCq.*|bitMap.*",
        "no consume queues: one index file per segment of the log");
    families.put(
        "maxHashSlotNum|maxIndexNum|messageIndex.*|indexFile.*|putMsgIndex.*",
        "keys are indexed in a file beside each segment");
    families.put(
        "ha[A-Z].*|.*SyncStateSet.*|.*Replica.*|.*Slave.*|maxHaTransfer.*|.*Controller.*|.*Election.*",
        "no masters and slaves: log groups elect their leaders and copy by sampo.replication");
    families.put(
        ".*[nN]ame[sS]r?v.*|.*NameServer.*|.*[rR]egist.*|.*heartbeat.*|brokerHeartbeat.*",
        "no name servers to register at: every node knows every route");
    families.put(
        "flush.*|commit.*|.*MapedFile.*|.*MappedFile.*|.*[Ww]arm.*|transient.*|mapped?File.*|"
            + ".*Swap.*|wake.*|.*Recover.*|.*Page.*",
        "how the log is written is up to sampo.log");
    families.put(
        "delete.*|redelete.*|disk.*|clean.*|destroy.*|maxBatchDelete.*",
        "how old messages go is up to sampo.retention");
    families.put(
        "client[A-Z].*|server[A-Z].*|writeBuffer.*|connectTimeoutMillis|channel.*|socks.*|use(TLS|Epoll.*)",
        "connections have settings of their own: sampo.net");
    families.put(".*[fF]ilter.*|.*BloomFilter", "filters have settings of their own: sampo.filter");
    families.put(".*[oO]ffset.*", "offsets are kept in the log; see sampo.consumer");
    families.put(".*[cC]ompaction.*", "topics aren't compacted");
    families.put("tiered.*", "there is no tiered storage");
    Map<Pattern, String> compiled = new LinkedHashMap<>();
    families.forEach((pattern, instead) -> compiled.put(Pattern.compile(pattern), instead));
    return compiled;
  }

  /** The names that RocketMQ knows. */
  static Set<String> names() {
    try (InputStream file = Families.class.getResourceAsStream(NAMES_FILE)) {
      if (file == null) {
        throw new IllegalStateException(NAMES_FILE + " is missing in the program");
      }
      Set<String> names = new TreeSet<>();
      new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(names::add);
      return names;
    } catch (IOException e) {
      throw new UncheckedIOException(NAMES_FILE + " can't be read", e);
    }
  }
}
