export declare const browsers: readonly string[];
export declare function findChromium(): string | undefined;
